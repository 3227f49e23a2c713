<?cs include:"macros.cs" ?><?cs set:Title = "操作手册" ?><?cs def:content() ?><div class="text"><h1>操作手册</h1>
<p class="lead">本手册供建筑施工企业办理三类人员安全生产考核合格证书（电子证书）业务的经办人使用。</p>
<ol class="toc"><li><a href="/help/login">系统登录</a><p>法人一证通、登录步骤、登录不成功怎么办</p>
<li><a href="/help/exchange">纸质证书换领电子证书</a><p>换领条件、步骤、个人身份信息采集</p>
<li><a href="/help/certificates">三类人员电子证书查询</a><p>查询、查看并下载、证书状态和生成状态</p>
<li><a href="/help/apply">电子证书申领</a><p>初次申领、法定代表人A证、延期、外省市企业继续教育</p>
<li><a href="/help/transfer">企业隶属关系变更</a><p>人员从其他企业转入，证书随人变更</p>
<li><a href="/help/rename">企业名称变更</a><p>企业更名后，一次变更全部证书</p>
<li><a href="/help/cancel">电子证书注销</a><p>注销原因、签署注销申请表、注销证明文件</p>
<li><a href="/help/departure">出具离沪证明</a><p>证书转出、离沪证明的下载和核验</p>
<li><a href="/help/name-change">电子证书姓名变更</a><p>受理窗口的地址和材料</p>
<li><a href="/help/verify">证书核验</a><p>扫描二维码，核验真伪和当前状态</p>
<li><a href="/help/contact">联系方式</a><p>用邮件或短信接收办理通知</p>
<li><a href="/help/questions">常见问题</a></ol>
<h2>受理窗口与管理部门</h2>
<ol class="toc"><li><a href="/help/staff-name-change">姓名变更</a><p>核对和扫描材料，提请，新版证书</p>
<li><a href="/help/staff-corrections">数据更正</a><p>可以更正的内容，提请和决定</p>
<li><a href="/help/staff-proposals">提请与决定</a><p>一人提请、另一人决定，撤回</p>
<li><a href="/help/staff-sanctions">证书处罚</a><p>暂扣、发还、撤销、吊销、注销、取消转出</p>
<li><a href="/help/staff-holds">锁定</a><p>锁定人员或企业，解除锁定</p></ol>
<h2>三类人员</h2>
<table class="list"><caption>证书类别</caption><thead><tr><th scope="col">类别<th scope="col">人员<th scope="col">职务
<tbody><tr><th scope="row">A<td>企业主要负责人<td>法定代表人、总经理（总裁）、分管安全生产或生产经营的副总经理（副总裁）、技术负责人、安全总监等
<tr><th scope="row">B<td>项目负责人<td>项目负责人（项目经理）
<tr><th scope="row">C1<td>专职安全生产管理人员，机械类<td>专职安全生产管理人员
<tr><th scope="row">C2<td>专职安全生产管理人员，土建类<td>专职安全生产管理人员
<tr><th scope="row">C3<td>专职安全生产管理人员，综合类<td>专职安全生产管理人员</table>
<p>原纸质证书类别为 C 的，换领后为 C3（综合类）。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
