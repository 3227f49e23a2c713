<?cs include:"macros.cs" ?><?cs if:Head.Number ?><?cs set:Title = Head.Number + " 的历史" ?><?cs set:Of = "证书 " + Head.Number ?><?cs set:Here = "/staff/history/certificates/" + Field.id ?><?cs else ?><?cs set:Title = Head.Name + " 的历史" ?><?cs set:Of = Head.Name + "，" + Head.Document + " " + Head.Masked ?><?cs set:Here = "/staff/history/people/" + Field.id ?><?cs /if ?><?cs

# One line of the record. ?><?cs
def:record(row) ?><tr<?cs if:row.Audit ?> class="faint"<?cs /if ?>><th scope="row"><?cs var:row.At ?><td data-as="类别"><?cs var:row.Kind ?><td data-as="内容"><?cs if:row.Subject && !Head.Number ?><span class="quiet"><?cs var:row.Subject ?></span><br><?cs /if ?><?cs var:row.Words ?><?cs if:row.More ?><br><span class="quiet"><?cs var:row.More ?></span><?cs /if ?><td data-as="经办"><?cs var:row.Who ?><td><?cs if:row.Link ?><a href="<?cs var:row.Link ?>"><?cs var:row.LinkText ?></a><?cs else ?><?cs var:row.LinkText ?><?cs /if ?>
<?cs /def ?><?cs

def:content() ?><p class="back"><a href="/staff/search/">返回综合查询</a></p>
<div class="head"><h1><?cs if:Head.Number ?><?cs var:Head.Number ?><?cs else ?><?cs var:Head.Name ?><?cs /if ?>　历史</h1><?cs if:Print ?><a class="button plain" href="<?cs var:Here ?>">返回屏幕显示</a><?cs else ?><span class="actions"><?cs if:!Head.Number ?><a href="/staff/people/<?cs var:Head.Person ?>">身份信息</a><?cs if:Propose ?><a href="/staff/holds/new?person=<?cs var:Head.Person ?>">提请锁定</a><?cs /if ?><?cs /if ?><?cs if:Propose && ?Head.Certificates.0.Id ?><a href="/staff/sanctions/?<?cs each:row = Head.Certificates ?>certificate=<?cs var:row.Id ?>&amp;<?cs /each ?>">提请处罚</a><?cs /if ?><a class="button plain" href="<?cs var:Here ?>?print=1">打印全部历史</a></span><?cs /if ?></div>
<?cs if:Print ?><p class="note screen">请用浏览器的“打印”功能打印本页，或存为 PDF 文件。</p>
<?cs /if ?><dl class="facts"><?cs if:Head.Number ?><div><dt>持证人<dd><a href="/staff/history/people/<?cs var:Head.Person ?>"><?cs var:Head.Name ?></a></div>
<?cs call:fact("企业名称", Head.Enterprise) ?><?cs else ?><?cs call:fact("姓名", Head.Name) ?><?cs /if ?><?cs call:fact(Head.Document, Head.Masked) ?><?cs call:fact("性别", Head.Sex) ?><?cs call:fact("出生日期", Head.Birth) ?></dl>
<?cs if:?Head.Certificates.0.Id ?><table class="list data"><caption><?cs if:Head.Number ?>证书现状<?cs else ?>名下证书<?cs /if ?></caption>
<thead><tr><th scope="col">证书编号<th scope="col">类别<th scope="col">有效期至<th scope="col">证书状态<th scope="col">生成状态
<tbody>
<?cs each:row = Head.Certificates ?><tr><th scope="row"><?cs if:Head.Number ?><?cs var:row.Number ?><?cs else ?><a href="/staff/history/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><?cs /if ?><td data-as="类别"><?cs var:row.Class ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="证书状态"><?cs call:state(row) ?><td data-as="生成状态"><?cs var:row.Document ?>
<?cs /each ?></table>
<?cs if:Cut ?><p class="note bad">名下证书超过 100 本，以下只列出前 100 本的历史。其余请逐本查询。</p>
<?cs /if ?><?cs /if ?><?cs if:?Rows.0.At ?><table class="list data record"><caption>按时间顺序，最早的在前</caption>
<thead><tr class="running"><td colspan="5"><b><?cs var:Of ?></b>　历史记录　打印时间 <?cs var:Now ?>
<tr><th scope="col">时间<th scope="col">类别<th scope="col">内容<th scope="col">经办<th scope="col">事项或文件
<tbody>
<?cs each:row = Rows ?><?cs call:record(row) ?><?cs /each ?></table>
<?cs else ?><p class="empty"><?cs if:First ?>没有更多的记录了。<?cs else ?>没有记录。<?cs /if ?></p>
<?cs /if ?><?cs call:pages(First, Next) ?><p class="quiet"><a href="/help/staff-search">操作手册：综合查询与历史</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
