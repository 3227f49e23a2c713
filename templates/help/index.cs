<?cs include:"macros.cs" ?><?cs set:Title = "操作手册" ?><?cs

def:staff_chapters() ?><h2>受理窗口与管理部门</h2>
<ol class="toc"><li><a href="/help/staff-login">工作人员登录</a><p>密码和第二重身份验证、我的账户、账户管理</p>
<li><a href="/help/staff-capture">身份信息采集</a><p>查找和新建人员、读卡器、照片、复核</p>
<li><a href="/help/staff-name-change">姓名变更</a><p>核对和扫描材料、提请、各企业的新版证书</p>
<li><a href="/help/staff-corrections">数据更正</a><p>人员信息和证书信息登记有误时</p>
<li><a href="/help/staff-proposals">提请与决定</a><p>一人提请、另一人决定，撤回</p>
<li><a href="/help/staff-sanctions">证书处罚</a><p>暂扣、发还、撤销、吊销、注销、取消转出</p>
<li><a href="/help/staff-holds">锁定</a><p>锁定人员或企业，解除锁定</p>
<li><a href="/help/staff-enterprises">企业登记、考核与参保</a><p>企业的登记内容和更正，一名人员的考核、社会保险和继续教育</p>
<li><a href="/help/staff-imports">数据导入</a><p>CSV 文件的核对、导入和撤回</p>
<li><a href="/help/staff-search">综合查询与历史</a><p>编号、姓名、证件、企业，全部历史和打印</p>
<li><a href="/help/staff-statistics">统计与任务</a><p>图、表和导出，生成失败的文件</p>
<li><a href="/help/staff-notices">公告</a><p>显示给所有企业</p>
<li><a href="/help/staff-audit">审计日志</a><p>查询、导出和审计链的核验</p>
<li><a href="/help/staff-notifications">通知发送</a><p>发给企业的邮件和短信</p></ol>
<?cs /def ?><?cs

def:content() ?><div class="text"><h1>操作手册</h1>
<p class="lead"><?cs if:Session.Kind == "staff" ?>本手册供受理窗口和管理部门的工作人员使用。企业办理业务的各章在后一部分。<?cs else ?>本手册供建筑施工企业办理三类人员安全生产考核合格证书（电子证书）业务的经办人使用。<?cs /if ?></p>
<?cs if:Session.Kind == "staff" ?><?cs call:staff_chapters() ?><h2>建筑施工企业</h2>
<?cs /if ?><ol class="toc"><li><a href="/help/login">系统登录</a><p>法人一证通、登录步骤、登录不成功怎么办</p>
<li><a href="/help/exchange">纸质证书换领电子证书</a><p>换领条件、步骤、个人身份信息采集</p>
<li><a href="/help/certificates">三类人员电子证书查询</a><p>查询、查看并下载、证书状态和生成状态</p>
<li><a href="/help/apply">电子证书申领</a><p>初次申领、法定代表人A证、延期、外省市企业继续教育</p>
<li><a href="/help/transfer">企业隶属关系变更</a><p>人员从其他企业转入，证书随人变更</p>
<li><a href="/help/rename">企业名称变更</a><p>企业更名后，一次变更全部证书</p>
<li><a href="/help/cancel">电子证书注销</a><p>注销原因、签署注销申请表、注销证明文件</p>
<li><a href="/help/departure">出具离沪证明</a><p>证书转出、离沪证明的下载和核验</p>
<li><a href="/help/name-change">电子证书姓名变更</a><p>受理窗口的地址和材料</p>
<li><a href="/help/verify">证书核验</a><p>扫描二维码，核验真伪和当前状态</p>
<li><a href="/help/contact">联系方式</a><p>证书生成、到期、被处理时收到邮件或短信</p>
<li><a href="/help/questions">常见问题</a><p>换领、生成、签署、核验时的疑问</p></ol>
<?cs if:Session.Kind != "staff" ?><?cs call:staff_chapters() ?><?cs /if ?><h2>三类人员</h2>
<table class="list"><caption>证书类别</caption><thead><tr><th scope="col">类别<th scope="col">人员<th scope="col">职务
<tbody><tr><th scope="row">A<td>企业主要负责人<td>法定代表人、总经理（总裁）、分管安全生产或生产经营的副总经理（副总裁）、技术负责人、安全总监等
<tr><th scope="row">B<td>项目负责人<td>项目负责人（项目经理）
<tr><th scope="row">C1<td>专职安全生产管理人员，机械类<td>专职安全生产管理人员
<tr><th scope="row">C2<td>专职安全生产管理人员，土建类<td>专职安全生产管理人员
<tr><th scope="row">C3<td>专职安全生产管理人员，综合类<td>专职安全生产管理人员</table>
<p>原纸质证书类别为 C 的，换领后为 C3（综合类）。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
